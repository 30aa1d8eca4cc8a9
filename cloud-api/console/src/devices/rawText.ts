const MAX = 400;

/** Base64 as text where it is text, else as hexadecimal; shortened, because a device may send anything. */
export function rawText(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    text = '';
  }
  // eslint-disable-next-line no-control-regex
  if (text === '' || /[\u0000-\u0008\u000e-\u001f]/.test(text)) {
    text = [...bytes.subarray(0, MAX / 2)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  }
  return text.length > MAX ? `${text.slice(0, MAX)}…` : text;
}
