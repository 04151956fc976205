## Fields

field-upload = Choose a file; what is in the field below is replaced by it when you save
