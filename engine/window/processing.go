package window

// ProcessingTimeWindows are windows of processing time instead of event time.
type ProcessingTimeWindows struct{ Assigner }

// ProcessingTime returns an assigner's windows with processing time in the place of event
// time: elements belong to when they come, none is late, and a window ends when the clock
// reaches its end. Results are not the same in every run.
func ProcessingTime(windows Assigner) ProcessingTimeWindows {
	return ProcessingTimeWindows{Assigner: windows}
}
