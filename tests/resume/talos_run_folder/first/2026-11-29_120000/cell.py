def model(x_train, y_train, x_val, y_val, params):
    if params["lr"] == 3 and STOP:
        raise KeyboardInterrupt
    if params["lr"] == 2:
        raise ValueError("too fast")
    return {"loss": [1.0, 0.5 / params["lr"]], "acc": [0.1, params["lr"] / 9]}, None
