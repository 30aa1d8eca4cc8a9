import { ApiError } from '../api/client';
import type { LocalText } from '../api/types';
import type { Words } from './en';

/** What happened and what to do, for a request that failed. */
export function problemText(error: ApiError, words: Words, local: (text: LocalText) => string): string {
  switch (error.status) {
    case 0:
      return words.problem.network;
    case 403:
      // A missing token or a foreign origin is 403 too, and no matter of roles: the server's text says what to do.
      return error.code === 'role' ? words.problem.forbidden : words.problem.other(local(error.text));
    case 503:
      return words.problem.unavailable;
    default:
      return words.problem.other(local(error.text));
  }
}
