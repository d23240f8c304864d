namespace AgentKit.Agents.Judge;

/// <summary>A score on a rubric's scale.</summary>
/// <param name="Score">
/// The mean of the scale's points, weighted by how likely the judge found each; the written point where no probabilities are to be had.
/// </param>
/// <param name="Written">The point the judge wrote.</param>
/// <param name="Probabilities">The probability of each point among all points of the scale; empty where none are to be had.</param>
/// <param name="Covered">
/// How much of the judge's probability was on points of the scale, 0 to 1; little means that it wanted to write something else.
/// </param>
/// <param name="Text">What the judge wrote.</param>
public sealed record RubricJudgment(double Score, int Written, IReadOnlyDictionary<int, double> Probabilities, double Covered, string Text);
