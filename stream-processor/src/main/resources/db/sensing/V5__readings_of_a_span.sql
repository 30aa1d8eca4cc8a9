-- A backtest reads all series for a span of time. Rows lie nearly in the order of their time, so the least and the
-- greatest of each megabyte tell where to look: some tens of bytes a megabyte, where an index of the rows has some for
-- each of them and is written to at random.
create index reading_observed_at on sensing.reading using brin (observed_at) with (autosummarize = on);
