/**
 * What may tell who somebody is or open a door, in the forms services use. Over-eager on purpose: a report with a word too
 * few can still be read, one with a key too many cannot be taken back.
 */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b(?:sk|rk|pk|gsk|csk|nvapi|xai|hf|ghp|gho|ghs|ghu|github_pat|AIza|AQ\.)[-_]?[\w.-]{8,}/g, '[key]'],
  [/\b[0-9a-f]{32}\.[\w-]{16,}/gi, '[key]'],
  [/\beyJ[\w-]{8,}(?:\.[\w-]+){0,2}/g, '[token]'],
  [/\b(Bearer|Basic) +[^\s"',]+/gi, '$1 [key]'],
  [/([?&](?:api[_-]?key|key|token|secret|signature)=)[^\s&"'#]+/gi, '$1[key]'],
  [/(\/\/)[^\s/@"']{1,200}@/g, '$1[account]@'],
  [/\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}\b/g, '[e-mail]'],
  [/\b(you \()[^()]{1,100}(\) have )/gi, '$1[account]$2'],
  [/\b(for account|for user|project_number:|projects\/) ?['"`]?[\w.@-]{3,100}['"`]?/gi, '$1 [account]'],
  [/\b(?:org|organization|user|account|acct|workspace|proj|team)[-_](?=\w{0,80}\d)\w{3,120}/gi, '[account]'],
  [/\b(?:org|user)[-_]\w{3,}/g, '[account]'],
  [/\b(?:req|request|gen|run|msg|chatcmpl|cf)[-_](?=[\w-]{0,80}\d)[\w-]{6,120}/gi, '[id]'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '[id]'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '[address]'],
]

/** Members whose value names somebody, whatever it looks like. */
const personal =
  /("(?:user|user_?id|user_?name|name|login|owner|email|account|account_?id|org|organization|organization_?id|creator_?user_?id|workspace_?id|request_?id|trace_?id|label|api_?key|key|authorization|ip)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi

/** Runs without a hyphen or a dot: names of models and of limits have few digits or break sooner. */
const run = /[A-Za-z0-9_+/=]{20,}/g

/** A text without keys, e-mail addresses, names of accounts, ids and addresses. */
export function redact(text: string): string {
  let result = text.replaceAll(personal, '$1"[removed]"')
  for (const [shape, sign] of secrets) result = result.replaceAll(shape, sign)
  return result.replaceAll(run, (word) => (looksRandom(word) ? '[id]' : word))
}

function looksRandom(word: string): boolean {
  // A path is made of words; what is random in it stands between two slashes.
  return word
    .split('/')
    .some((part) => part.length >= 16 && (part.match(/\d/g)?.length ?? 0) >= 3 && /[a-z]/i.test(part))
}
