import { ConfigError } from '../errors.ts'

/** Fit to put a service's paths behind; undefined when the text is no such address. */
export function parseBaseUrl(text: string): URL | undefined {
  const url = URL.parse(text)
  const fits =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.username + url.password + url.search + url.hash === ''
  return fits ? url : undefined
}

/** Throws ConfigError that names `source` and does not quote the text: it might hold a password. */
export function checkBaseUrl(text: string, source: string, example: string): string {
  if (parseBaseUrl(text) !== undefined) return text
  throw new ConfigError(
    `${source} must be an address like ${example}: http or https, without user, password, query or fragment`,
  )
}

/** Whether keys sent there could be read on the way. */
export function isOpenToReaders(baseUrl: string): boolean {
  const url = parseBaseUrl(baseUrl)
  if (url?.protocol !== 'http:') return false
  return !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
}
