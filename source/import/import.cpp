// loadAnyModel comes here with the importers.
