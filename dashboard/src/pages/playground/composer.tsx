import { useId, useRef, useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'

interface ComposerProps {
  readonly running: boolean
  /** Why nothing more can be sent; undefined: it can. */
  readonly full: string | undefined
  readonly onSend: (text: string) => void
  readonly onStop: () => void
}

/** Where the next message is written. Enter sends it, Shift and Enter breaks the line, Escape stops the answer. */
export function Composer({ running, full, onSend, onStop }: ComposerProps) {
  const id = useId()
  const [text, setText] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const canSend = !running && full === undefined && text.trim() !== ''
  const send = (): void => {
    if (!canSend) return
    onSend(text)
    setText('')
    field.current?.focus()
  }
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && running) onStop()
    // An Enter that ends the composing of a letter is none.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    send()
  }
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <label for={id} class="unseen">
        Your message
      </label>
      <textarea
        id={id}
        ref={field}
        rows={2}
        value={text}
        placeholder="Enter sends, Shift+Enter breaks the line."
        aria-describedby={full === undefined ? undefined : `${id}-full`}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={press}
      />
      {running ? (
        <Button
          kind="danger"
          onPress={() => {
            onStop()
            field.current?.focus()
          }}
        >
          Stop
        </Button>
      ) : (
        <button type="submit" class="button button-primary" disabled={!canSend}>
          Send
        </button>
      )}
      {full === undefined ? null : (
        <p class="hint" id={`${id}-full`}>
          {full}
        </p>
      )}
    </form>
  )
}
