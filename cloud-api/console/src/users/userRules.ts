/** The contract's rules, so that the form says them before the server does. */
export const MIN_PASSWORD = 12;
export const NAME = '[a-z0-9][a-z0-9._\\-]{0,39}';
