namespace AgentKit.Training.Optimization;

/// <summary>
/// The numbers that a byte stands for in dynamic tree quantization (Dettmers 2016, section 2.1): leading zeros are the power of ten, the rest divides 0.1 to 1 evenly, so small
/// numbers keep a sign and a size and large ones keep digits.
/// </summary>
internal static class DynamicTree
{
    private const int Exponents = 7;

    /// <summary>256 numbers from about −1 to 1, 0 among them.</summary>
    public static float[] Signed { get; } = Create(signed: true);

    /// <summary>256 numbers from 0 to 1.</summary>
    public static float[] Unsigned { get; } = Create(signed: false);

    private static float[] Create(bool signed)
    {
        List<float> values = [0, 1];
        for (int i = 0; i < Exponents; i++)
        {
            int steps = signed ? 1 << i : 2 << i;
            for (int k = 0; k < steps; k++)
            {
                double middle = 0.1 + (0.9 * (k + 0.5) / steps);
                float value = (float)(Math.Pow(10, i - Exponents + 1) * middle);
                values.Add(value);
                if (signed) values.Add(-value);
            }
        }

        values.Sort();
        return [.. values];
    }
}
