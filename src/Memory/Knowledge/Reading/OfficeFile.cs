using System.IO.Compression;
using System.Xml;
using AgentKit.Kernel.Errors;
using DocumentFormat.OpenXml.Packaging;

namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>Opens Office files only after they were seen to be what they claim, and not larger than memory has room for.</summary>
internal static class OfficeFile
{
    private const int MostEntries = 10_000;
    private const long MostBytes = 128L * 1024 * 1024;

    private static readonly byte[] CompoundFile = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

    /// <summary>Reads a document with a reader for its kind.</summary>
    /// <exception cref="UserInputException">The file is encrypted, damaged, or grows beyond the limit when unpacked.</exception>
    public static ReadDocument Read(byte[] content, Func<Stream, ReadDocument> read)
    {
        if (content.AsSpan().StartsWith(CompoundFile))
            throw new UserInputException("content", "The file is protected by a password, or of an Office version before 2007; neither can be read.");
        try
        {
            CheckSize(content);
            using var stream = new MemoryStream(content, writable: false);
            return read(stream);
        }
        catch (Exception e) when (e is InvalidDataException or OpenXmlPackageException or XmlException or FileFormatException
            or FormatException or KeyNotFoundException or ArgumentException or InvalidOperationException or EndOfStreamException)
        {
            throw new UserInputException("content", $"The file is damaged: {e.Message}", e);
        }
    }

    /// <summary>Unpacks everything once and counts: the sizes a file states about itself may be lies.</summary>
    private static void CheckSize(byte[] content)
    {
        using var archive = new ZipArchive(new MemoryStream(content, writable: false), ZipArchiveMode.Read);
        if (archive.Entries.Count > MostEntries)
            throw new UserInputException("content", $"The file holds {archive.Entries.Count} parts; {MostEntries} are allowed.");
        byte[] buffer = new byte[64 * 1024];
        long total = 0;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            using Stream part = entry.Open();
            for (int count = part.Read(buffer); count > 0; count = part.Read(buffer))
            {
                total += count;
                if (total > MostBytes)
                {
                    throw new UserInputException(
                        "content", $"The file has {content.Length} bytes and unpacks to more than {MostBytes >> 20} MiB; that is not read.");
                }
            }
        }
    }
}
