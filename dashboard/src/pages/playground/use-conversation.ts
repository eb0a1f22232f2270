import { useEffect, useRef, useState } from 'preact/hooks'
import { answer, whyOf } from './answer.ts'
import { type Options, questionOf, type Turn } from './turn.ts'

export interface Conversation {
  readonly turns: readonly Turn[]
  send(text: string, options: Options): Promise<void>
  /** Ends the answer that is coming; what came of it stays. */
  stop(): void
  /** Forgets everything. */
  clear(): void
}

/** A conversation that is kept nowhere but on this page, and ends with it. */
export function useConversation(): Conversation {
  const [turns, setTurns] = useState<readonly Turn[]>([])
  const running = useRef<AbortController | null>(null)
  const asked = useRef(0)
  useEffect(() => () => running.current?.abort(), [])
  return {
    turns,
    async send(text, options) {
      if (running.current !== null) return
      const leaving = new AbortController()
      running.current = leaving
      const number = ++asked.current
      const question = questionOf(text, turns, options)
      const { model } = question
      const fresh = { number, question: text, model, state: 'waiting', text: [], reasoning: [], dropped: 0 }
      const change = (news: Partial<Turn>): void =>
        setTurns((before) => before.map((turn) => (turn.number === number ? { ...turn, ...news } : turn)))
      setTurns((before) => [...before, fresh as Turn])
      const id = await answer(question, change, leaving.signal)
      if (running.current === leaving) running.current = null
      if (id !== undefined) change(await whyOf(id))
    },
    stop: () => running.current?.abort(),
    clear() {
      running.current?.abort()
      running.current = null
      setTurns([])
    },
  }
}
