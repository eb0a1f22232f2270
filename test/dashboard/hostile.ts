/**
 * Texts that do something where they are taken for markup, a link, an attribute or a format; each calls `hit()` where it
 * runs. Written by hand after the OWASP filter evasion cheat sheet
 * (https://cheatsheetseries.owasp.org/cheatsheets/XSS_Filter_Evasion_Cheat_Sheet.html).
 */
export const hostileTexts: readonly string[] = [
  '<script>hit()</script>',
  '<img src=x onerror=hit()>',
  '<img src="x" onerror="hit()">',
  "<img src='x' onerror='hit()'>",
  '<svg onload=hit()>',
  '<svg><script>hit()</script></svg>',
  '<svg><animate onbegin=hit() attributeName=x dur=1s>',
  '<body onload=hit()>',
  '<iframe srcdoc="<script>parent.hit()</script>"></iframe>',
  '<iframe src="javascript:parent.hit()"></iframe>',
  '<input autofocus onfocus=hit()>',
  '<select autofocus onfocus=hit()>',
  '<textarea autofocus onfocus=hit()></textarea>',
  '<details open ontoggle=hit()>',
  '<video><source onerror=hit()></video>',
  '<audio src=x onerror=hit()>',
  '<object data="javascript:hit()"></object>',
  '<embed src="javascript:hit()">',
  '<math><mi xlink:href="javascript:hit()">x</mi></math>',
  '<a href="javascript:hit()" id=click-me>x</a>',
  'javascript:hit()',
  'JaVaScRiPt:hit()',
  ' javascript:hit()',
  'java\tscript:hit()',
  'data:text/html,<script>hit()</script>',
  '"><script>hit()</script>',
  "'><script>hit()</script>",
  '" onmouseover="hit()" x="',
  "' onfocus='hit()' autofocus='",
  '</title><script>hit()</script>',
  '</textarea><script>hit()</script>',
  '</style><script>hit()</script>',
  '</script><script>hit()</script>',
  '--><script>hit()</script>',
  '<![CDATA[<script>hit()</script>]]>',
  '<base href="javascript:hit()//">',
  '<link rel=stylesheet href="data:,*{x:expression(hit())}">',
  '<meta http-equiv=refresh content="0;url=javascript:hit()">',
  '<form action="javascript:hit()"><button id=press-me>x</button></form>',
  '<template><script>hit()</script></template>',
  '<noscript><p title="</noscript><img src=x onerror=hit()>">',
  '<xss style="animation-name:a" onanimationstart=hit()>',
  '{{constructor.constructor("hit()")()}}',
  '${hit()}',
  '&lt;script&gt;hit()&lt;/script&gt;',
  '&#60;script&#62;hit()&#60;/script&#62;',
  '%3Cscript%3Ehit()%3C/script%3E',
  '\u202e<script>hit()</script>',
  '\u0000<script>hit()</script>',
  '__proto__',
  '=HYPERLINK("javascript:hit()")',
]

/** Where the first characters decide, as in a link, a text has to stand in front. */
export const hostileFronts: readonly string[] = hostileTexts.filter((text) => !/^[<&$%{-]/.test(text))

// What pages switch on, and moments they reckon with: anything else is text that somebody else may have chosen.
const words = new Set(
  'lane health metric window state source confidence change kind end record type usedFrom maxFrom'.split(' '),
)
const isMoment = (text: string): boolean => /^\d{4}-\d\d-\d\dT/.test(text)

/** The same answer with every text in it, and every name of a free member, replaced. */
export function poisoned(answer: unknown, text: string, member = ''): unknown {
  if (typeof answer === 'string') {
    const isWord = words.has(member) && /^[a-z-]{1,30}$/.test(answer)
    return isWord || isMoment(answer) ? answer : text
  }
  if (Array.isArray(answer)) return answer.map((each) => poisoned(each, text, member))
  if (typeof answer !== 'object' || answer === null) return answer
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [name, poisoned(value, text, name)]),
  )
}
