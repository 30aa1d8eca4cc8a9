-- The API asks every half minute for the alerts that were cleared lately. Revisions are milliseconds of the publisher's
-- clock.
create index alert_cleared on sensing.alert (revision desc) where state = 'CLEARED';
