"""The user's code: the cell as a function, what it reads, what is wrong with it."""
