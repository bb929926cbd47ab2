"""Every table in one place, for migrations and the shell; nothing is defined here."""

from app.accounts.invitations import Invitation, InvitationRequest, InvitationUse, TermsAcceptance
from app.accounts.merges import MemberMerge
from app.accounts.models import (
    AvailabilityHour,
    AvailabilitySlot,
    Block,
    EmailChange,
    SignInAttempt,
    User,
    UserLanguage,
    UserSession,
)
from app.chats.models import Attachment, Chat, ChatMember, Message
from app.community.models import CommunitySettings, SetupLink
from app.community.terms import TermsVersion
from app.core.models import AuditEvent, IdempotencyKey, Lease, LiveEvent, OutboxMail, StoredFile
from app.exchange.models import (
    Exchange,
    ExchangeEvent,
    ExchangeLeg,
    ExchangeSession,
    ExchangeSide,
    HourRecord,
    HourRecordEvent,
    HourRecordPerson,
    Post,
    PostEvent,
    PostSkill,
)
from app.imports.models import Import, ImportedMember, ImportUpload
from app.notices.models import Announcement, AnnouncementEvent, Digest, LookingAt, Notice, NoticePreference
from app.reports.models import Report, ReportEvent
from app.skills.models import PossibleSwap, Skill, SkillAlias, SkillCategory, UserSkill
from app.wallet.checks import LedgerCheck
from app.wallet.limits import PersonalLimit
from app.wallet.models import Posting, Transfer, Wallet
from app.wallet.organisations import Organisation, OrganisationMember

__all__ = [
    "Announcement",
    "AnnouncementEvent",
    "Attachment",
    "AuditEvent",
    "AvailabilityHour",
    "AvailabilitySlot",
    "Block",
    "Chat",
    "ChatMember",
    "CommunitySettings",
    "Digest",
    "EmailChange",
    "Exchange",
    "ExchangeEvent",
    "ExchangeLeg",
    "ExchangeSession",
    "ExchangeSide",
    "HourRecord",
    "HourRecordEvent",
    "HourRecordPerson",
    "IdempotencyKey",
    "Import",
    "ImportUpload",
    "ImportedMember",
    "Invitation",
    "InvitationRequest",
    "InvitationUse",
    "Lease",
    "LedgerCheck",
    "LiveEvent",
    "LookingAt",
    "MemberMerge",
    "Message",
    "Notice",
    "NoticePreference",
    "Organisation",
    "OrganisationMember",
    "OutboxMail",
    "PersonalLimit",
    "PossibleSwap",
    "Post",
    "PostEvent",
    "PostSkill",
    "Posting",
    "Report",
    "ReportEvent",
    "SetupLink",
    "SignInAttempt",
    "Skill",
    "SkillAlias",
    "SkillCategory",
    "StoredFile",
    "TermsAcceptance",
    "TermsVersion",
    "Transfer",
    "User",
    "UserLanguage",
    "UserSession",
    "UserSkill",
    "Wallet",
]
