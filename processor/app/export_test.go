package app

// Meta is what a configuration names in templates and checkpoints.
var Meta = (*Config).meta
