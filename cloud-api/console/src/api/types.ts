/** The shapes of the API that the console uses, as the contract (`openapi.yaml`) has them. */
import type {
  AlertKind, DevicesFrame, Me, River as ContractRiver,
} from './schema';

export type {
  AgentBundle, AgentUpdate, AlertDetail, AlertPage, Command, EnrolmentToken, Gateway, Identity, Seen, UserEntry, AlertView, Area, DataQuality, DayQuality, Device, DeviceDetail,
  DeviceState as DeviceCondition, ErrorBody, LiveFrame,
  LocalText, Quality, Readings, Rejected, Role, Rule, Severity, SnapshotFrame, User,
} from './schema';

export type Kind = AlertKind;
export type Session = Me;
export type River = ContractRiver;
export type RiverPart = River['parts'][number];
export type DeviceState = DevicesFrame['states'][number];

