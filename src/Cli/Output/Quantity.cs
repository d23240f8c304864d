using System.Globalization;

namespace AgentKit.Cli.Output;

/// <summary>Sizes and counts as people read them.</summary>
internal static class Quantity
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];
    private static readonly string[] CountUnits = ["", " K", " M", " B", " T"];

    /// <summary>Bytes with a binary unit: <c>5.1 MiB</c>.</summary>
    public static string Bytes(long bytes) => Scale(bytes, 1024, ByteUnits, " ");

    /// <summary>A count with a decimal unit: <c>4.95 M</c>.</summary>
    public static string Count(long count) => Scale(count, 1000, CountUnits, "");

    private static string Scale(double value, double step, string[] units, string separator)
    {
        int unit = 0;
        while (value >= step && unit < units.Length - 1)
        {
            value /= step;
            unit++;
        }

        return value.ToString(unit == 0 ? "0" : "0.##", CultureInfo.InvariantCulture) + separator + units[unit];
    }
}
