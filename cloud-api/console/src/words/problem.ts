import { ApiError } from '../api/client';
import type { LocalText } from '../api/types';
import type { Words } from './en';

/** What happened and what to do, for a request that failed. */
export function problemText(error: ApiError, words: Words, local: (text: LocalText) => string): string {
  switch (error.status) {
    case 0:
      return words.problem.network;
    case 403:
      return words.problem.forbidden;
    case 503:
      return words.problem.unavailable;
    default:
      return words.problem.other(local(error.text));
  }
}
