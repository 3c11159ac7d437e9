package wire

// Len is the length of the body that was made in this memory.
func (b *Body) Len() int { return len(b.buf) }
