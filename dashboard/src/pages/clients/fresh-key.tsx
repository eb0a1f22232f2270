import { useId, useRef, useState } from 'preact/hooks'
import { Dialog } from '../../parts/dialog.tsx'
import { Notice } from '../../parts/notice.tsx'

export interface ShownKey {
  readonly name: string
  readonly key: string
  readonly keyFile: string
}

/** The key of a new client. Once this is closed, the page has it no more. */
export function FreshKey({ fresh, onClose }: { readonly fresh: ShownKey; readonly onClose: () => void }) {
  const { name, key, keyFile } = fresh
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const [news, setNews] = useState('')
  const copy = async (): Promise<void> => {
    field.current?.select()
    try {
      await navigator.clipboard.writeText(key)
      setNews('Copied.')
    } catch {
      // Browsers have no clipboard for pages that came over plain HTTP from another machine.
      setNews('This browser does not let the page copy. The key is selected: press Ctrl+C or ⌘C.')
    }
  }
  return (
    <Dialog title={`The key of ${name}`} onClose={onClose}>
      <Notice kind="warning" title="It is shown this once, and not again.">
        The gateway keeps it in <span class="mono">{keyFile}</span>. It works from now on.
      </Notice>
      <div class="field">
        <label for={id}>Client key</label>
        <div class="clients-key">
          <input id={id} ref={field} type="text" class="mono" readOnly value={key} spellcheck={false} />
          <button type="button" class="button button-primary" onClick={() => void copy()}>
            Copy
          </button>
        </div>
      </div>
      <p class="hint" role="status">
        {news}
      </p>
    </Dialog>
  )
}
