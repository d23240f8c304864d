using System.Globalization;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.App;

/// <summary>Reads sizes as people write them: <c>8GB</c>, <c>8GiB</c>, <c>512M</c>, <c>8000000000</c>.</summary>
internal static class ByteSize
{
    private static readonly string[] Units = ["", "K", "M", "G", "T"];

    /// <param name="field">The option the text came from.</param>
    /// <param name="text">A number with or without a unit: K, M, G, T and KB … TB are powers of 1,000, KiB … TiB of 1,024.</param>
    /// <exception cref="UserInputException">It is no size of 1 byte or more.</exception>
    public static long Parse(string field, string text)
    {
        string trimmed = text.Trim();
        int digits = trimmed.TakeWhile(c => char.IsAsciiDigit(c) || c is '.' or '_').Count();
        string unit = trimmed[digits..].Trim().ToUpperInvariant();
        double step = unit.EndsWith("IB", StringComparison.Ordinal) ? 1024 : 1000;
        int power = Array.IndexOf(Units, unit.Replace("IB", "", StringComparison.Ordinal).Replace("B", "", StringComparison.Ordinal));
        bool isNumber = double.TryParse(
            trimmed[..digits].Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number);
        double bytes = power < 0 || !isNumber ? 0 : number * Math.Pow(step, power);
        return bytes is >= 1 and < long.MaxValue
            ? (long)bytes
            : throw new UserInputException(field, $"{field} is '{text}'; a size such as 8GB, 8GiB or 8000000000 is expected.");
    }
}
