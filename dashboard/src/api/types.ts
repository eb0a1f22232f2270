// Only types come from the gateway's code: the same shapes on both sides of the admin API, and nothing else in the bundle.
export type {
  AccountStatus,
  Cooldown,
  KeyStatus,
  ProviderStatus,
  Status,
  WindowStatus,
} from '../../../src/routing/status.ts'
export type { SpendingStatus } from '../../../src/routing/spending.ts'
export type { Outlook } from '../../../src/routing/outlook.ts'
export type { KeyCheck } from '../../../src/routing/key-check.ts'
export type { Listing, PricedModel } from '../../../src/routing/listing.ts'
export type { Why, WhyAttempt } from '../../../src/routing/why.ts'
export type { RoutePlan } from '../../../src/routing/preview.ts'
export type { Attempt, AttemptResult, AttemptState, KnownAttempt } from '../../../src/ledger/attempt.ts'
export type { Comparison, UsageGroup } from '../../../src/ledger/ledger.ts'
export type { PlannedAccount } from '../../../src/routing/preview-account.ts'
export type { PlannedCandidate } from '../../../src/routing/preview.ts'
export type { BookedClient } from '../../../src/gateway/client-book.ts'
export type { Capability } from '../../../src/chat/types.ts'
export type { Step } from '../../../src/routing/trail.ts'
export type { AttemptPage } from '../../../src/ledger/search.ts'
export type { UsageLine, UsageReport } from '../../../src/routing/usage-report.ts'
