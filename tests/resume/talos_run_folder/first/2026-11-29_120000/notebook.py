STOP = True
