/// Something that an event may put on record, by its name in the contract. The ledger keeps whether it did, never what it
/// says: no free text about a child enters an assessment.
public enum Detail: UInt8, Sendable, CaseIterable {
    case absentViews, actions, activeInvestigation, adequacyConsidered, adjustments, agreedWithChairAt
    case agreementSignedAt, allocations, alternativeMethod, alternativesTried, announced, arrangements
    case assessmentAttached, assistanceArranged, attachments, basis, basisRef, carePlanId, carePlanLocation
    case carePlanUpdatedAt, caseHistory, categoryReviewed, categorySetBy, checklist, childConsulted
    case childCopyDecision, childInformed, childSections, childSeen, childcareOffered, cinPlanId, circumstanceCodes
    case circumstances, communicationNeeds, complaintRights, complexities, conferencesReviewed, conflictOfInterest
    case considerationAt, considerationNote, considerationRecorded, considered, coreGroup, correctionsMade
    case criteriaConsidered, dayCareOffered, decidedBy, decision, decisionNote, decisionRef, decisions
    case deputyContributed, disability, discussedAt, discussedWith, enquirer, evidence, exceptionReason, explanation
    case factOpinion, familyComments, familyConflictConsidered, familyInformed, filedAt, firstLanguage
    case gestationAtReferral, groundCode, harmConsidered, householdChildrenConsidered, householdCovered
    case howOutcomeIsTold, howToComplain, howToGiveViews, impactConsidered, includesExclusion, independenceRationale
    case initialInvitees, interimSafetyNote, justification, keyAttendeeAvailability, legalAdviceAt
    case legalProceedingsConsidered, likelihoodBasis, limitsExplained, mapping, measures, measuresTaken, method
    case minuted, minutesId, missingAgencies, monitoringStartOn, nextReviewDate, nextReviewDateIncluded
    case notNeededReason, noteType, noticeRequired, originalReason, parentConsent, parentOnBail, parentPrivacyView
    case parentViews, perChildConsidered, placementPlanId, placementPlanUpdatedAt, planDetailAgreed, planProgress
    case planUpdatedAt, planningNote, preparationOffered, preparedAt, preparedBy, proceedReason, processVersion
    case progress, progressReviewed, protocolLink, protocolVersion, purpose, rationale, reason, reasonIfNone
    case reasons, recipients, recommendations, recordDecision, recordIncludesDissent, recordingPolicySharedAt
    case redacted, replacementPlan, reviewedAt, reviewedBy, riskReduced, safetyAssessmentAt, securityAssessed
    case securityAssured, separateSession, setWith, signedAt, signedBy, solution, sudiConsidered, supervisionPlanId
    case supporterOffered, swContactedAt, swName, targetDate, templateApproved, templateId, thresholdAnswer
    case toldInPerson, understandingAssessed, verifiedAt, verifiedBy, view, viewsPresentedBy, wayForward
    case writtenReasons

    /// The field's name in the contract.
    public var name: String { String(describing: self) }
}

/// Which details an event put on record: those that are neither absent nor empty, nor `false`.
public struct Details: Sendable, Hashable, ExpressibleByArrayLiteral {
    private var low: UInt128 = 0
    private var high: UInt128 = 0
    /// Whether a field with a code list holds a word that the list does not have. The word is kept, and found.
    public var holdUnknownWord = false

    public init(arrayLiteral elements: Detail...) { for detail in elements { insert(detail) } }

    public mutating func insert(_ detail: Detail) {
        if detail.rawValue < 128 {
            low |= 1 << UInt128(detail.rawValue)
        } else {
            high |= 1 << UInt128(detail.rawValue - 128)
        }
    }

    public func contains(_ detail: Detail) -> Bool {
        detail.rawValue < 128
            ? low >> UInt128(detail.rawValue) & 1 == 1 : high >> UInt128(detail.rawValue - 128) & 1 == 1
    }

    public func contains(all others: Details) -> Bool {
        low & others.low == others.low && high & others.high == others.high
    }
}
