params = {
    "lr": [1, 2, 3, 4],
    "opt": ["adam"],
}
