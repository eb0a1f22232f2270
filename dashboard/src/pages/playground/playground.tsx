import { useLocation } from 'preact-iso'
import { useEffect, useState } from 'preact/hooks'
import { query } from '../../api/ask.ts'
import { Button } from '../../parts/button.tsx'
import { Empty } from '../../parts/notice.tsx'
import { Page } from '../../parts/page.tsx'
import { Composer } from './composer.tsx'
import { Next } from './next.tsx'
import { OptionsForm } from './options-form.tsx'
import { isRunning, mostTurns, type Options } from './turn.ts'
import { TurnView } from './turn-view.tsx'
import { useConversation } from './use-conversation.ts'
import { useFollow } from './use-follow.ts'
import './playground.css'

/** A chat by any route, with what was decided for each answer. */
export function PlaygroundPage() {
  const { query: asked, route } = useLocation()
  const { model = 'auto', provider = '' } = asked
  const [options, setOptions] = useState<Options>({
    model,
    provider,
    system: '',
    temperature: '',
    maxTokens: '',
  })
  useEffect(() => setOptions((before) => ({ ...before, model, provider })), [model, provider])
  const { turns, send, stop, clear } = useConversation()
  const { away, toEnd } = useFollow(turns)
  const running = turns.some(isRunning)
  const settle = (news: Partial<Options>): void => {
    const next = { model: options.model, provider: options.provider, ...news }
    route(`/dashboard/playground${query(next)}`, true)
  }
  return (
    <Page
      title="Playground"
      lead="A chat by any route, to see what the router decides. Calls count as those of others do; nothing of a conversation is kept."
      actions={turns.length === 0 ? undefined : <Button onPress={clear}>New conversation</Button>}
    >
      <section class="panel" aria-label="Route">
        <OptionsForm
          options={options}
          onOptions={(news) => setOptions((before) => ({ ...before, ...news }))}
          onSettled={settle}
        />
        <Next
          model={options.model}
          provider={options.provider}
          round={turns.filter((turn) => !isRunning(turn)).length}
        />
      </section>
      {turns.length === 0 ? (
        <Empty title="Nothing was asked yet.">
          Write a question below; the answer comes with its tokens, its cost, and why it was answered there.
        </Empty>
      ) : (
        <ol class="turns">
          {turns.map((turn) => (
            <TurnView key={turn.number} turn={turn} />
          ))}
        </ol>
      )}
      <p class="unseen" role="status">
        {turns.length === 0 ? '' : running ? 'The answer is coming.' : 'The answer has ended.'}
      </p>
      <div class="composer-place">
        {away && turns.length > 0 ? (
          <button type="button" class="button button-small to-end" onClick={toEnd}>
            To the end ↓
          </button>
        ) : null}
        <Composer
          running={running}
          full={
            turns.length >= mostTurns
              ? `A conversation here has at most ${mostTurns} questions; begin a new one.`
              : undefined
          }
          onSend={(text) => {
            toEnd()
            void send(text, options)
          }}
          onStop={stop}
        />
      </div>
    </Page>
  )
}
