package results

// ExportPages is Export with pages of another size, so that few documents make many.
var ExportPages = export
