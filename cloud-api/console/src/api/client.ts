/** Speaks to the API: JSON in and out, the CSRF token on what changes something, every failure an {@link ApiError}. */
import type { AlertView, ErrorBody, LocalText, Session } from './types';

const BASE = '/api/v1';
const TIMEOUT_MS = 10_000;

/** Why a request failed; status 0 when no answer came. */
export class ApiError extends Error {
  readonly status: number;
  /** Stable, from the server's error body; empty when it sent none. */
  readonly code: string;
  readonly text: LocalText;
  /** The alert as it is now, where an acknowledgement was refused because of it. */
  readonly alert: AlertView | undefined;

  constructor(status: number, code: string, text: LocalText, alert?: AlertView) {
    super(text.en);
    this.status = status;
    this.code = code;
    this.text = text;
    this.alert = alert;
  }
}

export class ApiClient {
  #csrf = '';
  #onSignedOut: () => void = () => {};

  /** Called when the server no longer knows the session. */
  onSignedOut(listener: () => void): void {
    this.#onSignedOut = listener;
  }

  async login(user: string, password: string): Promise<Session> {
    return this.#keep(await this.#send<Session>('POST', '/login', { user, password }, false));
  }

  async me(): Promise<Session> {
    return this.#keep(await this.#send<Session>('GET', '/me', undefined, false));
  }

  async logout(): Promise<void> {
    await this.#send('POST', '/logout', undefined, false);
    this.#csrf = '';
  }

  get<T>(path: string): Promise<T> {
    return this.#send<T>('GET', path);
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.#send<T>('POST', path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#send<T>('PUT', path, body);
  }

  async delete(path: string): Promise<void> {
    await this.#send('DELETE', path);
  }

  /**
   * Sends a file as the body of a PUT, however long it takes.
   *
   * @param onProgress hears from 0 to 1 how much has left
   * @param signal ends it
   */
  upload<T>(path: string, file: Blob, onProgress: (part: number) => void, signal: AbortSignal): Promise<T> {
    // Not by fetch, which does not tell how far it is.
    const request = new XMLHttpRequest();
    return new Promise<T>((resolve, reject) => {
      request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
      request.onload = () => {
        try {
          resolve(this.#answer<T>(request.status, request.responseText));
        } catch (error) {
          reject(error);
        }
      };
      request.onerror = request.onabort = () => reject(noAnswer());
      signal.addEventListener('abort', () => request.abort());
      request.open('PUT', BASE + path);
      request.setRequestHeader('content-type', 'application/octet-stream');
      request.setRequestHeader('x-tocsin-csrf', this.#csrf);
      request.send(file);
    });
  }

  #keep(session: Session): Session {
    this.#csrf = session.csrf;
    return session;
  }

  async #send<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, reportSignedOut = true): Promise<T> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (body !== undefined) {
      headers['content-type'] = 'application/json';
    }
    if (method !== 'GET' && this.#csrf) {
      headers['x-tocsin-csrf'] = this.#csrf;
    }
    let response: Response;
    let text: string;
    try {
      response = await fetch(BASE + path, {
        method,
        headers,
        credentials: 'same-origin',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch {
      throw noAnswer();
    }
    return this.#answer<T>(response.status, text, reportSignedOut);
  }

  #answer<T>(status: number, text: string, reportSignedOut = true): T {
    if (status < 200 || status >= 300) {
      const error = failure(status, text);
      // A wrong password is 401 too, and ends nothing.
      if (error.code === 'login_required' && reportSignedOut) {
        this.#onSignedOut();
      }
      throw error;
    }
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

function noAnswer(): ApiError {
  return new ApiError(0, 'network', { en: 'no answer from the server', zh: '服务器没有响应' });
}

function failure(status: number, text: string): ApiError {
  let body: Partial<ErrorBody> = {};
  try {
    body = JSON.parse(text) as Partial<ErrorBody>;
  } catch {
    // A proxy between answers in HTML; the status says enough.
  }
  const en = body.error?.message ?? `the server answered ${status}`;
  return new ApiError(status, body.error?.code ?? '', { en, zh: body.error?.messageZh ?? en }, body.alert);
}
