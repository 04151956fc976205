## Felder

field-upload = Datei wählen; sie ersetzt beim Speichern, was im Feld darunter steht
