package disk

// DisableCompactions leaves files as they were flushed, so that a test knows which there are.
func (f *Folder) DisableCompactions() { f.noCompactions = true }
