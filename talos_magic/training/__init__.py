"""One round: its data, its training, its epochs, its memory."""
