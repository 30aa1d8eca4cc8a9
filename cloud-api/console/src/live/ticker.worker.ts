/** A worker's timers keep their pace when the tab is hidden. */
const TICK_MS = 500;

setInterval(() => postMessage(null), TICK_MS);
