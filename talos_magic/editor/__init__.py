"""The grid editor: widgets that build the params dict."""
