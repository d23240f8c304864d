using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Training.Engine;

namespace AgentKit.Tests.Training.Engine;

/// <summary>Derivatives of single operations against their formulas in double precision.</summary>
public sealed class TapeTests
{
    private const int Count = 401;

    [NativeFact]
    public void GeGlu_Slopes_AreThoseOfTheFormula()
    {
        float[] gate = [.. Enumerable.Range(0, Count).Select(i => (i - 200) / 25f)], up = [.. gate.Select(x => 1 + MathF.Sin(x))], slope = [.. gate.Select(MathF.Cos)];
        (float[] byGate, float[] byUp) = Slopes(gate, up, slope, (tape, x, y) => tape.GeGlu(x, y));
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(slope[i] * up[i] * ((Gelu(gate[i] + 1e-5) - Gelu(gate[i] - 1e-5)) / 2e-5), byGate[i], 2e-6);
            // The value itself comes from ggml's table in half precision.
            Assert.Equal(slope[i] * Gelu(gate[i]), byUp[i], 1e-3 * (1 + Math.Abs(gate[i])));
        }
    }

    [NativeFact]
    public void SoftCap_Slope_IsThatOfTheFormula()
    {
        const double cap = 3;
        float[] x = [.. Enumerable.Range(0, Count).Select(i => (i - 200) / 20f)], slope = [.. x.Select(MathF.Cos)];
        (float[] found, float[] passed) = Slopes(x, x, slope, (tape, value, other) => tape.Add(tape.SoftCap(value, (float)cap), other));
        Assert.Equal(slope, passed);
        for (int i = 0; i < Count; i++) Assert.Equal(slope[i] / Math.Pow(Math.Cosh(x[i] / cap), 2), found[i], 1e-6);
    }

    private static double Gelu(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));

    private static (float[] First, float[] Second) Slopes(float[] first, float[] second, float[] slope, Func<Tape, nint, nint, nint> operation)
    {
        using GgmlBackend backend = GgmlBackend.OpenCpu(1, ProductPath.Ggml);
        using TensorSet set = new(5);
        nint x = set.Add(GgmlType.F32, Count), y = set.Add(GgmlType.F32, Count), seed = set.Add(GgmlType.F32, Count);
        nint byX = set.Add(GgmlType.F32, Count), byY = set.Add(GgmlType.F32, Count);
        set.Allocate(backend);
        GgmlBackend.Write<float>(x, first);
        GgmlBackend.Write<float>(y, second);
        GgmlBackend.Write<float>(seed, slope);
        using Tape tape = new(backend, 64);
        tape.Backward(operation(tape, tape.Leaf(x), tape.Leaf(y)), seed);
        tape.Store(tape.GradientOf(x), byX);
        tape.Store(tape.GradientOf(y), byY);
        tape.Run();
        var found = (new float[Count], new float[Count]);
        GgmlBackend.Read(byX, found.Item1);
        GgmlBackend.Read(byY, found.Item2);
        return found;
    }
}
