/// Bars by month as SVG, drawn here: each with its figure, so that colour and height say nothing that is not written.
struct MonthChart {
    struct Bar {
        let month: String
        /// `nil` of a month of which there is nothing to tell.
        let value: Double?
        let label: String
    }

    let title: String
    /// The top of the scale.
    let top: Double
    let unit: String
    let bars: [Bar]

    init(title: String, top: Double, unit: String, bars: [Bar]) {
        (self.title, self.top, self.unit) = (title, top, unit)
        // What comes before the first month of which there is something to tell is left out.
        self.bars = Array(bars.drop { $0.value == nil })
    }

    private static let barWidth = 30
    private static let gap = 10
    private static let left = 48
    private static let height = 200
    private static let above = 24
    private static let below = 64

    var svg: String {
        let width = MonthChart.left + bars.count * (MonthChart.barWidth + MonthChart.gap) + MonthChart.gap
        let full = MonthChart.above + MonthChart.height + MonthChart.below
        var text = """
            <svg class="chart" role="img" aria-labelledby="chart-title" viewBox="0 0 \(width) \(full)" width="\(width)" height="\(full)">\
            <title id="chart-title">\(MonthChart.escaped(title)). The table has the same figures.</title>
            """
        for quarter in 0...4 {
            let y = MonthChart.above + MonthChart.height - MonthChart.height * quarter / 4
            let mark = Int((top * Double(quarter) / 4).rounded())
            text += """
                <line class="grid" x1="\(MonthChart.left)" x2="\(width)" y1="\(y)" y2="\(y)"/>\
                <text class="scale" x="\(MonthChart.left - 6)" y="\(y + 4)">\(mark)\(unit)</text>
                """
        }
        for (place, bar) in bars.enumerated() { text += drawn(bar, at: place) }
        return text + "</svg>"
    }

    private func drawn(_ bar: Bar, at place: Int) -> String {
        let x = MonthChart.left + MonthChart.gap + place * (MonthChart.barWidth + MonthChart.gap)
        let middle = x + MonthChart.barWidth / 2
        let foot = MonthChart.above + MonthChart.height
        var text = ""
        if let value = bar.value {
            let tall = Int((Double(MonthChart.height) * min(value / max(top, 1), 1)).rounded())
            text += """
                <rect class="bar" x="\(x)" y="\(foot - tall)" width="\(MonthChart.barWidth)" height="\(tall)"/>\
                <text class="figure" x="\(middle)" y="\(foot - tall - 6)">\(MonthChart.escaped(bar.label))</text>
                """
        }
        return text + """
            <text class="month" x="\(middle)" y="\(foot + 14)" transform="rotate(-60 \(middle) \(foot + 14))">\
            \(MonthChart.escaped(bar.month))</text>
            """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
