// Package files writes the elements of a job into rolling files and reads such files
// again, both exactly once.
//
// Sink keeps the two-phase contract of engine.Sink. A file goes through three states:
//
//	in progress   it is being written, below .pending/OWNER
//	pending       finished and safe there: it was long enough, or a barrier came
//	visible       it has its name below its bucket: its checkpoint is whole
//
// A crash leaves what is in progress and what is pending for a checkpoint that never
// became whole; the next start makes visible what its checkpoint names, and removes the
// rest. So a reader that leaves out names with a dot in front, as most do, sees each
// element once, and every file that it sees is complete and never changes.
//
// Where files lie is a Place: Folder, or one of your own. What they hold is a Format: Lines, or
// one of your own.
//
// Source reads the lines of visible files, one split a file, from where a checkpoint
// stood, to the byte.
package files
