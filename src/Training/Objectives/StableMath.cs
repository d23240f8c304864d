namespace AgentKit.Training.Objectives;

/// <summary>Functions that the plain formulas would compute with a loss of digits or an overflow.</summary>
internal static class StableMath
{
    /// <summary>ln(1 + x) without the loss of digits near 0 (Kahan's correction of the rounded argument).</summary>
    public static double Log1P(double x)
    {
        double rounded = 1 + x;
        return rounded == 1 ? x : Math.Log(rounded) * (x / (rounded - 1));
    }

    /// <summary>eˣ − 1 without the loss of digits near 0 (Kahan).</summary>
    public static double ExpM1(double x)
    {
        if (Math.Abs(x) > 1) return Math.Exp(x) - 1;
        double power = Math.Exp(x);
        return power == 1 ? x : (power - 1) * (x / Math.Log(power));
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    public static double Sigmoid(double x)
    {
        if (x >= 0) return 1 / (1 + Math.Exp(-x));
        double power = Math.Exp(x);
        return power / (1 + power);
    }

    /// <summary>ln σ(x), finite for every finite x.</summary>
    public static double LogSigmoid(double x) => Math.Min(x, 0) - Log1P(Math.Exp(-Math.Abs(x)));

    /// <summary>ln(1 − eˣ) for x below 0 (Mächler 2012, equation 7).</summary>
    public static double Log1MinusExp(double x) => x > -0.6931471805599453 ? Math.Log(-ExpM1(x)) : Log1P(-Math.Exp(x));
}
