using AgentKit.Kernel.Errors;
using AgentKit.Training.Scaling;

namespace AgentKit.Tests.Training.Scaling;

public class ScalingLawTests
{
    /// <summary>The constants Hoffmann et al. 2022 publish (equation 10).</summary>
    private static double Chinchilla(double n, double d) => 1.69 + (406.4 / Math.Pow(n, 0.34)) + (410.7 / Math.Pow(d, 0.28));

    /// <summary>The constants Kaplan et al. 2020 publish (equation 1.5, table 2).</summary>
    private static double Kaplan(double n, double d) => Math.Pow(Math.Pow(6.4e13 / n, 0.076 / 0.103) + (1.8e13 / d), 0.103);

    [Fact]
    public void Fit_PointsOfThePublishedChinchillaLaw_FindsItsConstants()
    {
        ChinchillaLaw law = ChinchillaLaw.Fit([.. Grid(Chinchilla)]);
        Assert.Equal(1.69, law.Constants["E"], 1e-3);
        Assert.Equal(406.4, law.Constants["A"], 0.5);
        Assert.Equal(410.7, law.Constants["B"], 0.5);
        Assert.Equal(0.34, law.Constants["alpha"], 1e-4);
        Assert.Equal(0.28, law.Constants["beta"], 1e-4);
    }

    [Fact]
    public void Fit_PointsOfThePublishedKaplanLaw_FindsItsConstants()
    {
        KaplanLaw law = KaplanLaw.Fit([.. Grid(Kaplan)]);
        Assert.Equal(0.076, law.Constants["alpha_N"], 1e-4);
        Assert.Equal(0.103, law.Constants["alpha_D"], 1e-4);
        Assert.Equal(Math.Log(6.4e13), Math.Log(law.Constants["N_c"]), 0.01);
    }

    [Theory]
    [InlineData(1e18)]
    [InlineData(5.76e23)]
    public void Optimum_OfTheChinchillaLaw_IsTheClosedForm(double flops)
    {
        ScalingOptimum found = ChinchillaLaw.Fit([.. Grid(Chinchilla)]).Optimum(flops);
        double g = Math.Pow(0.34 * 406.4 / (0.28 * 410.7), 1 / 0.62);
        Assert.Equal(1, found.Parameters / (g * Math.Pow(flops / 6, 0.28 / 0.62)), 5e-3);
        Assert.Equal(flops, 6 * found.Parameters * found.Tokens, flops * 1e-9);
    }

    [Fact]
    public void Fit_NoisyPoints_StaysNearTheLaw()
    {
        var random = new Random(3);
        ScalingRun[] runs = [.. Grid((n, d) => Chinchilla(n, d) * (1 + (0.002 * (random.NextDouble() - 0.5))))];
        ChinchillaLaw law = ChinchillaLaw.Fit(runs);
        Assert.InRange(law.Error(runs), 1e-5, 2e-3);
        Assert.Equal(Chinchilla(3e8, 6e9), law.Loss(3e8, 6e9), 0.02);
    }

    [Fact]
    public void Fit_TooFewRuns_SaysHowManyAreNeeded()
    {
        var refused = Assert.Throws<UserInputException>(() => ChinchillaLaw.Fit([.. Grid(Chinchilla).Take(4)]));
        Assert.Contains("needs 5 runs or more", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_LossOfZero_IsRefused() =>
        Assert.Throws<UserInputException>(() => KaplanLaw.Fit([.. Grid(Kaplan).Select(run => run with { Loss = 0 })]));

    /// <summary>Four sizes with four amounts of data each.</summary>
    private static IEnumerable<ScalingRun> Grid(Func<double, double, double> law) =>
        from n in (double[])[1e6, 1e7, 1e8, 1e9]
        from d in (double[])[1e7, 1e8, 1e9, 1e10]
        select new ScalingRun(n, n, d, law(n, d));
}
