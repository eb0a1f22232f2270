import type { Worker } from 'node:worker_threads'
import { RequestError, RouterError } from '../errors.ts'
import type { FromThread, Question, ToThread } from './sqlite-messages.ts'
import { Questions } from './sqlite-questions.ts'

/** What a store hears of its thread, beside the answers to its questions. */
export interface ThreadEvents {
  heard(message: Exclude<FromThread, { readonly type: 'answer' | 'no-answer' }>): void
  /** It will write nothing more; `cause`: what it died of, if that is known. */
  ended(cause: unknown): void
}

/** The line to the ledger's thread: rows and questions there, answers back. */
export class LedgerThread {
  /** Resolves when the thread has ended. */
  readonly exited: Promise<void>
  readonly #worker: Worker
  readonly #questions: Questions = new Questions((change) => this.await(change))
  /** Batches and questions somebody may be waiting for. */
  #awaited = 0

  constructor(worker: Worker, events: ThreadEvents) {
    this.#worker = worker
    worker.on('message', (message: FromThread) => {
      if (message.type === 'answer') this.#questions.answer(message.ask, message.answer)
      else if (message.type === 'no-answer')
        this.#questions.fail(
          message.ask,
          message.isRequestFault
            ? new RequestError('invalid_request', message.why)
            : new RouterError('store_failed', message.why),
        )
      else events.heard(message)
    })
    worker.on('error', (error) => events.ended(error))
    this.exited = new Promise((resolve) => {
      worker.on('exit', () => {
        events.ended(undefined)
        resolve()
      })
    })
    // An idle ledger keeps no program alive that has nothing else to do. Rows on their way do (`await`): a short
    // program must not end before its last row is on disk.
    worker.unref()
  }

  send(message: ToThread): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.#worker.postMessage(message)
  }

  ask<T>(question: Question): Promise<T> {
    const { ask, answer } = this.#questions.add<T>()
    this.send({ type: 'ask', ask, question })
    return answer
  }

  /** One more, or one less, that keeps the program alive. */
  await(change: 1 | -1): void {
    this.#awaited += change
    if (this.#awaited === 0) this.#worker.unref()
    else this.#worker.ref()
  }

  /** Everybody who still waits for an answer is told. */
  failAll(error: RouterError): void {
    this.#questions.failAll(error)
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }
}
