package source

// Hold bounds what is read and not yet taken in, in bytes.
func (s *Source) Hold(n int) { s.budget.limit = n }

// Held is how much is.
func (s *Source) Held() int {
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	return s.budget.held
}
