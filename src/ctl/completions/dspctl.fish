# Completion of dspctl for fish. dspctl writes it from its own tables, so that the two always agree.
dspctl completion fish | source
