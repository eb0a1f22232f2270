import type { FigureStatus, KeyStatus, Status } from '../../src/routing/status.ts'

export const now: number = Date.UTC(2026, 10, 23, 12, 34, 56)

const high: FigureStatus = { source: 'service', confidence: 'high', at: iso(now - 60_000) }
const counted: FigureStatus = { source: 'own-count', confidence: 'medium' }

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString()
}

function aKey(name: string, members: Partial<KeyStatus> = {}): KeyStatus {
  const today = { requests: 0, failed: 0, inputTokens: 0, outputTokens: 0, usd: 0, unpriced: 0 }
  return { name, masked: 'sk-or-v1…', inFlight: 0, disabled: false, today, ...members }
}

const midnight = '2026-11-24T00:00:00.000Z'
const minuteEnd = '2026-11-23T12:35:00.000Z'

/** Everything a status can show at once. Made up; no such router ran. */
export const busy: Status = {
  now: iso(now),
  ledger: { unwritten: 0 },
  spend: { todayUsd: 0.4123, monthUsd: 7.25, unpriced: 2 },
  spending: [
    {
      name: 'paid lane, per day',
      usd: 0.4123,
      heldUsd: 0,
      refused: 0,
      refusedEver: 0,
      maxUsd: 2,
      resetsAt: midnight,
    },
    {
      name: 'client bot, per month',
      usd: 4.9,
      heldUsd: 0,
      refused: 0,
      refusedEver: 0,
      maxUsd: 5,
      resetsAt: '2026-12-01T00:00:00.000Z',
    },
  ],
  providers: [
    {
      name: 'first',
      title: 'First Service',
      endpoint: 'https://first.example/api/v1',
      lane: 'free',
      health: 'ok',
      models: 327,
      drift: [{ model: 'acme/gone:free', change: 'gone', since: iso(now - 3_600_000) }],
      restingModels: [
        { model: 'acme/busy:free', kind: 'busy', why: 'the model is overloaded', until: iso(now + 40_000) },
      ],
      forecast: [
        {
          window: 'day',
          metric: 'requests',
          lane: 'free',
          max: 100,
          left: 29,
          perHour: 5.6,
          emptyAt: iso(now + 5.1 * 3_600_000),
          backAt: midnight,
        },
      ],
      accounts: [
        {
          id: 'acme',
          inFlight: 2,
          windows: [
            {
              name: 'minute',
              metric: 'requests',
              lane: 'free',
              used: 14,
              usedFrom: counted,
              max: 20,
              maxFrom: { source: 'assumed', confidence: 'medium' },
              remaining: 6,
              resetsAt: minuteEnd,
            },
            {
              name: 'day',
              metric: 'requests',
              lane: 'free',
              used: 21,
              usedFrom: high,
              max: 50,
              maxFrom: high,
              remaining: 29,
              resetsAt: midnight,
              provider: { used: 21, counted: 17, at: iso(now - 60_000) },
            },
          ],
          restingModels: [],
          cooldowns: [],
          keys: [
            aKey('work', {
              inFlight: 2,
              today: { requests: 21, failed: 1, inputTokens: 9000, outputTokens: 900, usd: 0, unpriced: 0 },
              cap: { usd: 5, leftUsd: 1.25, resetsAt: midnight, at: iso(now - 60_000) },
            }),
            aKey('OPENROUTER_API_KEY_2', {
              disabled: true,
              lastError: 'No endpoints found for acme/x:free.',
            }),
          ],
        },
        {
          id: 'OPENROUTER_API_KEY_3',
          inFlight: 0,
          windows: [
            {
              name: 'day',
              metric: 'requests',
              lane: 'free',
              used: 50,
              usedFrom: counted,
              max: 50,
              maxFrom: { source: 'refusal', confidence: 'low' },
              remaining: 0,
              resetsAt: midnight,
            },
          ],
          restingModels: [],
          cooldowns: [
            {
              kind: 'quota',
              why: 'Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day',
              until: midnight,
              lane: 'free',
            },
          ],
          keys: [
            aKey('OPENROUTER_API_KEY_3', {
              today: { requests: 50, failed: 1, inputTokens: 1, outputTokens: 1, usd: 0, unpriced: 0 },
            }),
          ],
        },
      ],
    },
    {
      name: 'second',
      title: 'Second Service',
      endpoint: 'https://second.example',
      lane: 'paid',
      health: 'resting',
      cooldown: {
        kind: 'network',
        why: 'the host could not be reached (ECONNREFUSED)',
        until: iso(now + 25_000),
      },
      drift: [],
      restingModels: [],
      forecast: [],
      accounts: [
        {
          id: 'second-1',
          inFlight: 0,
          windows: [
            {
              name: 'in-flight',
              metric: 'in-flight',
              lane: 'all',
              used: 0,
              usedFrom: counted,
              max: 3,
              maxFrom: high,
              remaining: 3,
            },
            {
              name: 'usd-day',
              metric: 'nano-usd',
              lane: 'all',
              used: 412_300_000,
              usedFrom: high,
              resetsAt: midnight,
            },
          ],
          restingModels: [],
          cooldowns: [],
          keys: [
            aKey('second-1', {
              masked: '50810fc0…',
              cooldown: { kind: 'credential', why: 'unauthorized', until: 'released' },
              today: { requests: 9, failed: 3, inputTokens: 1, outputTokens: 1, usd: 0.4123, unpriced: 2 },
            }),
          ],
        },
      ],
    },
    {
      name: 'third',
      title: 'third',
      endpoint: 'http://127.0.0.1:11434',
      lane: 'included',
      health: 'no-keys',
      drift: [],
      restingModels: [],
      forecast: [],
      accounts: [],
    },
  ],
}
