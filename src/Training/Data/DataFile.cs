using System.Security.Cryptography;
using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Training.Data;

/// <summary>The rows of a data file: one JSON object a line (<c>.jsonl</c>), or one array of them (<c>.json</c>). Bad rows are kept apart, with reasons.</summary>
public sealed class DataFile
{
    private DataFile(string path, string sha256, IReadOnlyList<TrainingRow> rows, IReadOnlyList<RowFault> faults)
    {
        Path = path;
        Sha256 = sha256;
        Rows = rows;
        Faults = faults;
    }

    /// <summary>Where it was read from.</summary>
    public string Path { get; }

    /// <summary>SHA-256 of the file, lower-case hexadecimal.</summary>
    public string Sha256 { get; }

    /// <summary>The usable rows, in file order.</summary>
    public IReadOnlyList<TrainingRow> Rows { get; }

    /// <summary>The rows that cannot be used, in file order.</summary>
    public IReadOnlyList<RowFault> Faults { get; }

    /// <summary>Reads and checks all rows; a bad one does not stop the others from being read.</summary>
    /// <param name="path">The file, UTF-8.</param>
    /// <param name="kind">What the rows are for.</param>
    /// <exception cref="UserInputException">The file cannot be read or is empty.</exception>
    public static DataFile Read(string path, RowKind kind)
    {
        byte[] bytes = ReadBytes(path);
        List<TrainingRow> rows = [];
        List<RowFault> faults = [];
        foreach ((int line, JsonElement? json, string? fault) in JsonRows.Split(bytes))
        {
            try
            {
                if (json is not { } row) throw new RowException(fault!);
                rows.Add(RowReader.Read(line, row, kind));
            }
            catch (RowException e)
            {
                faults.Add(new(line, e.Message));
            }
        }

        return rows.Count + faults.Count > 0
            ? new(path, Convert.ToHexStringLower(SHA256.HashData(bytes)), rows, faults)
            : throw new UserInputException(path, $"{path} holds no rows; one JSON object a line, or an array of objects, is expected.");
    }

    private static byte[] ReadBytes(string path)
    {
        if (Directory.Exists(path)) throw new UserInputException(path, $"{path} is a directory; a file of JSON lines is expected.");
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UserInputException(path, $"{path}: the data file cannot be read: {e.Message}", e);
        }
    }
}
