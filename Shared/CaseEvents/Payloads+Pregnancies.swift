import StatutoryRules

extension JSONPlace {
    func pregnancyRecorded() throws(Problem) -> PregnancyRecorded {
        var fact = PregnancyRecorded(childId: try childId(), edd: try requiredDate("edd"))
        fact.motherId = text("motherId")
        fact.eddRecordedAt = moment("eddRecordedAt")
        fact.prematureRisk = flag("prematureRisk")
        fact.proceedingsContemplated = flag("proceedingsContemplated")
        fact.targetDate = moment("targetDate")
        fact.setBy = text("setBy")
        fact.setByRole = text("setByRole")
        return fact
    }

    func eddRevised() throws(Problem) -> EddRevised {
        var fact = EddRevised(childId: try childId(), newEdd: try requiredDate("newEdd"))
        fact.revisedAt = moment("revisedAt")
        fact.prematureRisk = flag("prematureRisk")
        fact.targetDate = moment("targetDate")
        fact.setBy = text("setBy")
        fact.setByRole = text("setByRole")
        return fact
    }

    func motherFitness() throws(Problem) -> MotherFitness {
        var fact = MotherFitness(recordedAt: try requiredMoment("recordedAt"))
        fact.childId = try? childId()
        fact.motherId = text("motherId")
        fact.fit = flag("fit")
        return fact
    }

    func prebirthAssessment() throws(Problem) -> PrebirthAssessment {
        var fact = PrebirthAssessment(childId: try childId(), completedAt: try requiredMoment("completedAt"))
        fact.planNeedsConsidering = flag("planNeedsConsidering")
        fact.riskNoLongerApplies = flag("riskNoLongerApplies")
        fact.circumstanceCodes = texts("circumstanceCodes")
        return fact
    }

    func preproceedingsLetter() throws(Problem) -> PreproceedingsLetter {
        var fact = PreproceedingsLetter(childId: try childId(), sentAt: try requiredMoment("sentAt"))
        fact.letterKind = text("letterKind")
        return fact
    }
}
