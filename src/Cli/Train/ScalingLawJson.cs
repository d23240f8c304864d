namespace AgentKit.Cli.Train;

/// <summary>One fitted law and its advice.</summary>
internal sealed record ScalingLawJson(
    string Name, IReadOnlyDictionary<string, double> Constants, double Error, double Parameters, double Tokens, double Loss, IReadOnlyList<double>? ParametersRange);
