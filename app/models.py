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
from app.community.models import CommunitySettings, SetupLink
from app.community.terms import TermsVersion
from app.core.models import AuditEvent, Lease, OutboxMail, StoredFile
from app.imports.models import Import, ImportedMember, ImportUpload
from app.reports.models import Report, ReportEvent
from app.skills.models import PossibleSwap, Skill, SkillAlias, SkillCategory, UserSkill

__all__ = [
    "AuditEvent",
    "AvailabilityHour",
    "AvailabilitySlot",
    "Block",
    "CommunitySettings",
    "EmailChange",
    "Import",
    "ImportUpload",
    "ImportedMember",
    "Invitation",
    "InvitationRequest",
    "InvitationUse",
    "Lease",
    "MemberMerge",
    "OutboxMail",
    "PossibleSwap",
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
    "User",
    "UserLanguage",
    "UserSession",
    "UserSkill",
]
